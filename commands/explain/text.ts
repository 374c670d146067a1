import type { ExplanationOut } from '../../dashboard/explain/shape.ts';
import { storyOf, type Step } from '../../dashboard/explain/story.ts';
import { plain } from '../preview/plain.ts';

/** An explanation for a terminal: a paragraph for each step, no word of which can command it. */
export const explanationText = (explanation: ExplanationOut): string =>
  storyOf(explanation, (iso) => iso)
    .map(paragraph)
    .join('\n');

const paragraph = ({ title, lines, table }: Step, place: number): string => {
  const rows = table?.rows ?? [];
  const width = Math.max(0, ...rows.map(([first = '']) => first.length));
  const told = rows.map(
    ([first = '', ...rest]) =>
      `${first.padEnd(width)}  ${rest.filter((cell) => cell !== '').join('\n' + ' '.repeat(width + 4))}`,
  );
  const indented = [...lines, ...told].flatMap((line) => line.split('\n').map((part) => `  ${plain(part)}\n`));
  return `${place + 1}. ${title}\n${indented.join('')}`;
};
