import { describe, expect, it } from 'vitest';
import { gatewayTemplates, topicTemplate } from '../../../gateway/lorawan/chirpstack/topic.ts';
import { topicsOf } from '../../../gateway/mqtt/topic.ts';

const application = '17c82e96-be03-4f38-aef3-f83d48582d97';

describe('a template of topics', () => {
  it.each([
    [
      'application/{{application_id}}/device/{{dev_eui}}/event/{{event}}',
      'application/+/device/+/event/+',
      `application/${application}/device/0101010101010101/event/up`,
    ],
    [
      `application/${application}/device/{{dev_eui}}/event/{{event}}`,
      `application/${application}/device/+/event/+`,
      `application/${application}/device/0101010101010101/event/up`,
    ],
    ['stockport/lora/{{ dev_eui }}/{{ event }}', 'stockport/lora/+/+', 'stockport/lora/0101010101010101/up'],
    ['lora.net/device-{{dev_eui}}-{{event}}', 'lora.net/+', 'lora.net/device-0101010101010101-up'],
    ['+/{{dev_eui}}{{event}}', '+/+', 'anything/0101010101010101up'],
  ])('%s is subscribed to as %s', (template, filter, topic) => {
    const read = topicTemplate(template, 'chirpstack.eventTopic', ['event']);
    expect(read.filter).toBe(filter);
    expect(topicsOf(filter)(topic)).toBe(true);
    expect(read.read(topic)?.event).toBe('up');
    expect(read.read(topic)?.dev_eui).toBe('0101010101010101');
    expect(read.read(`${topic}/more`)).toBeUndefined();
    expect(read.read(topic.replace('0101010101010101', '01'))).toBeUndefined();
    expect(read.read(topic.replace('lora.net', 'loraxnet'))?.event).toBe(topic.includes('.net') ? undefined : 'up');
  });

  it.each([
    ['application/{{application_id}}/device/{{dev_eui}}', /needs \{\{event\}\}/],
    ['application/#', /cannot be matched/],
    ['a+/{{event}}', /cannot be matched/],
    ['a/{{event}}/{{event}}', /twice/],
    ['a/{{device}}/{{event}}', /\{\{device\}\}, which is none of/],
    ['a/{event}', /two braces/],
    ['a/{{event', /two braces/],
    ['$share/us/{{event}}', /begins with/],
    ['/{{event}}', /begins with/],
  ])('%s is refused with what is wrong', (template, why) => {
    expect(() => topicTemplate(template, 'chirpstack.eventTopic', ['event'])).toThrow(why);
    expect(() => topicTemplate(template, 'chirpstack.eventTopic', ['event'])).toThrow(/^chirpstack\.eventTopic: /);
  });

  it('tells the two kinds of gateways’ topics apart', () => {
    const { stats, conn } = gatewayTemplates('+/gateway/{{gateway_id}}/{{kind}}/{{event}}', 'chirpstack.gatewayTopic');
    expect([stats.filter, conn.filter]).toEqual(['+/gateway/+/event/stats', '+/gateway/+/state/conn']);
    expect(stats.read('eu868/gateway/0016c001f153a14c/event/stats')?.gateway_id).toBe('0016c001f153a14c');
    expect(stats.read('eu868/gateway/0016c001f153a14c/state/conn')).toBeUndefined();
    expect(() => gatewayTemplates('a/{{gateway_id}}', 'chirpstack.gatewayTopic')).toThrow(/needs \{\{kind\}\}/);
    expect(() => gatewayTemplates('a/{{kind}}/{{event}}', 'chirpstack.gatewayTopic')).toThrow(
      /needs \{\{gateway_id\}\}/,
    );
  });
});
