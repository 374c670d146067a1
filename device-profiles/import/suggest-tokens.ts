/** Words that lose their meaning when they are split where their capitals are, or where their digits are. */
const whole: readonly (readonly [RegExp, string])[] = [
  // PM1.0, pm2p5, PM_2_5, PM10.0: the point is written in many ways, and must not make a PM10 of a PM1.0.
  [/pm[\s._-]*1[\s._p-]*0{1}(?=[\s._-]*(?:0(?!\d)|p0))/gi, ' pm10 '],
  [/pm[\s._-]*1[._p-]+0(?!\d)/gi, ' pm1 '],
  [/pm[\s._-]*4[._p-]+0(?!\d)/gi, ' pm4 '],
  [/pm[\s._-]*10[._p-]+0(?!\d)/gi, ' pm10 '],
  [/pm[\s._-]*2[\s._p-]*5(?!\d)/gi, ' pm25 '],
  [/pm[\s._-]*(10|4|1)(?!\d)/gi, ' pm$1 '],
  // Units whose capitals mean something, at the end of a word.
  [/(?<=[a-z0-9\s._-])mV(?![a-z])/g, ' mv '],
  [/(?<=[a-z0-9\s._-])(k|h)Pa(?![a-z])/g, ' $1pa '],
  [/(?<=[a-z0-9\s._-])dB(m|A|a)?(?![a-z])/g, ' db$1 '],
  [/(?<=[a-z0-9\s._-])deg(C|F)(?![a-z])/g, ' deg$1 '],
  [/(?<=[a-z0-9\s._-])[kK]m([hH])(?![a-z])/g, ' kmh '],
  // LAeq, LAFmax: one word, whatever stands in capitals.
  [/(?<![a-zA-Z])L[\s._-]*A?[\s._-]*F?[\s._-]*(eq|max|min)(?![a-z])/gi, ' la$1 '],
];

/** Longest key that is looked at: longer ones are no maker's words. */
const CHARACTERS_AT_MOST = 200;

/**
 * The words of a decoder's key, in lower case: `tempC_SHT` is `temp`, `c`, `sht`; `pm2_5_ug_m3` is `pm25`, `ug`,
 * `m3`. Any text gives some list.
 */
export const tokensOf = (key: string): readonly string[] => {
  let text = key.slice(0, CHARACTERS_AT_MOST).normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('%', ' pct ');
  for (const [pattern, word] of whole) text = text.replaceAll(pattern, word);
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z]{2,})/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
};
