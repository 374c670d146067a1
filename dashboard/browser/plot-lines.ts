import type uPlot from 'uplot';

/** As the drawing has them: beyond the colours of all series. */
const THRESHOLD = '#b8200c';

const numbersOf = (chart: Element, selector: string, name: string): readonly number[] =>
  // Both drawings have the same ones.
  [...new Set([...chart.querySelectorAll<SVGElement>(selector)].map((sign) => Number(sign.dataset[name])))].filter(
    Number.isFinite,
  );

/** The thresholds of the drawing that it takes the place of, dashed, and a dotted line where an alert has its sign. */
export const linesOf = (chart: Element): uPlot.Plugin => {
  const values = numbersOf(chart, '.kb-chart__threshold', 'value');
  const seconds = numbersOf(chart, '.kb-chart__mark', 'time').map((time) => time / 1000);
  const line = ({ ctx }: uPlot, dash: readonly number[], way: () => void): void => {
    ctx.save();
    ctx.strokeStyle = THRESHOLD;
    ctx.lineWidth = 1.5 * window.devicePixelRatio;
    ctx.setLineDash(dash.map((length) => length * window.devicePixelRatio));
    ctx.beginPath();
    way();
    ctx.stroke();
    ctx.restore();
  };
  return {
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot;
        const [right, bottom] = [bbox.left + bbox.width, bbox.top + bbox.height];
        for (const value of values) {
          const y = plot.valToPos(value, 'y', true);
          if (y >= bbox.top && y <= bottom) line(plot, [6, 3], () => (ctx.moveTo(bbox.left, y), ctx.lineTo(right, y)));
        }
        for (const time of seconds) {
          const x = plot.valToPos(time, 'x', true);
          if (x >= bbox.left && x <= right) line(plot, [1, 3], () => (ctx.moveTo(x, bbox.top), ctx.lineTo(x, bottom)));
        }
      },
    },
    // A threshold is seen although no value comes near it; bars have a range of their own, from zero.
    opts: (_plot, options) => {
      if (values.length === 0 || options.scales?.['y'] !== undefined) return options;
      const range = (_: uPlot, least: number, most: number): [number, number] => {
        const [low, high] = [Math.min(least, ...values), Math.max(most, ...values)];
        const room = (high - low) * 0.05 || 1;
        return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
      };
      return { ...options, scales: { ...options.scales, y: { range } } };
    },
  };
};
