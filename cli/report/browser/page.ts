/// <reference lib="dom" />
/**
 * What runs inside a report: the canaries' loss and latency drawn by uPlot on the time axis of the chart above them, one
 * cursor and one zoom for all. Without it the page still says everything; it asks for nothing from anywhere.
 */
import uPlot from 'uplot';
import type { ChartData } from '../chart-data';

const root = document.documentElement;
const found = document.getElementById('chart-data');
const chart = document.querySelector<HTMLElement>('.chart');

const variable = (name: string): string => getComputedStyle(root).getPropertyValue(name).trim();
const clock = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(11, 19);
/** As wide as the labels of the chart above, so that the two stand under each other. */
const gutter = (): number =>
  document.querySelector('.overlay')!.getBoundingClientRect().left - chart!.getBoundingClientRect().left;
const plotHeight = 150;
const paperWidth = 660;

class Charts {
  private readonly plots: uPlot[] = [];
  private span: { readonly from: number; readonly to: number };

  constructor(private readonly data: ChartData) {
    this.span = data;
    for (const kind of ['loss', 'rtt'] as const) {
      const holder = document.querySelector<HTMLElement>(`[data-plot=${kind}] .canvas`);
      if (holder !== null) this.plots.push(this.plot(kind, holder));
    }
    new ResizeObserver(() => this.fit(chart!.clientWidth)).observe(chart!);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
    addEventListener('beforeprint', () => {
      root.dataset['paper'] = '';
      this.fit(paperWidth);
      this.redraw();
    });
    addEventListener('afterprint', () => {
      delete root.dataset['paper'];
      this.fit(chart!.clientWidth);
      this.redraw();
    });
    for (const button of document.querySelectorAll<HTMLButtonElement>('.zoom button'))
      button.addEventListener('click', () => {
        this.zoom(Number(button.dataset['from']), Number(button.dataset['to']));
        press(button);
      });
  }

  private plot(kind: 'loss' | 'rtt', holder: HTMLElement): uPlot {
    const { data } = this;
    const values = data.canaries.map((canary) => canary[kind]);
    const axis = {
      stroke: () => variable('--muted'),
      grid: { stroke: () => variable('--rule'), width: 1 },
      font: '12px system-ui, sans-serif',
    };
    const plot = new uPlot(
      {
        width: chart!.clientWidth,
        height: plotHeight,
        legend: { show: false },
        padding: [6, 0, 0, 0],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
        cursor: { sync: { key: 'report' }, drag: { x: true, y: false }, y: false },
        scales: {
          x: { time: true, min: data.from, max: data.to },
          y: { range: (_, __, max) => [0, kind === 'loss' ? 1 : Math.max(max ?? 0, 1) * 1.1] },
        },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map(clock), space: 80, size: 28 },
          {
            ...axis,
            size: gutter,
            values: (_, ticks) => ticks.map((tick) => (kind === 'loss' ? `${Math.round(tick * 100)} %` : `${tick}`)),
          },
        ],
        series: [
          {},
          ...data.canaries.map(({ colour, dashed }) => ({
            stroke: () => variable(`--s${colour}`),
            width: 2,
            points: { show: false },
            ...(dashed && { dash: [5, 3] }),
          })),
        ],
        hooks: {
          draw: [(self: uPlot) => this.drawMarks(self)],
          setCursor: [(self: uPlot) => this.say(self, kind)],
          setScale: [(self: uPlot, key: string) => key === 'x' && this.follow(self)],
        },
      },
      [data.times, ...values] as uPlot.AlignedData,
      holder,
    );
    return plot;
  }

  private drawMarks({ ctx, bbox, valToPos }: uPlot): void {
    ctx.save();
    ctx.strokeStyle = variable('--mark');
    ctx.lineWidth = devicePixelRatio * 1.5;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const at of this.data.marks) {
      const x = valToPos(at, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  /** What each canary measured under the cursor, beside its name. */
  private say({ cursor }: uPlot, kind: 'loss' | 'rtt'): void {
    const { idx } = cursor;
    const { data } = this;
    data.canaries.forEach((canary, i) => {
      const value = idx === null || idx === undefined ? undefined : canary[kind][idx];
      const shown =
        value === undefined || value === null ? '' : kind === 'loss' ? `${Math.round(value * 100)} %` : `${value} ms`;
      const cell = document.querySelector(`[data-value="${kind}${i}"]`);
      if (cell !== null) cell.textContent = shown === '' ? '' : `${clock(data.times[idx!]!)} ${shown}`;
    });
  }

  /** One plot was zoomed, by drag or double click: the others and the chart above go along. */
  private follow(self: uPlot): void {
    const { min, max } = self.scales['x']!;
    if (min === undefined || max === undefined || min === null || max === null) return;
    if (min === this.span.from && max === this.span.to) return;
    this.zoom(min, max);
    press(null);
  }

  private zoom(from: number, to: number): void {
    this.span = { from, to };
    for (const plot of this.plots) plot.setScale('x', { min: from, max: to });
    const share = (at: string | undefined): number => ((Number(at) / 1_000 - from) / (to - from)) * 100;
    for (const one of document.querySelectorAll<SVGElement>('.chart [data-at]')) {
      const x = share(one.dataset['at']);
      for (const name of one.tagName === 'line' ? ['x1', 'x2'] : ['x']) one.setAttribute(name, `${x}%`);
      if (one.dataset['to'] !== undefined)
        one.setAttribute('width', `${Math.max(0.15, share(one.dataset['to']) - x)}%`);
      else one.style.visibility = x < 0 || x > 100 ? 'hidden' : '';
    }
    this.tick();
  }

  /** The axis above has as many labels as ever; they only mean other moments. */
  private tick(): void {
    const { from, to } = this.span;
    const labels = [...document.querySelectorAll<SVGElement>('.axis g')];
    labels.forEach((label, i) => {
      const share = (i + 0.5) / labels.length;
      for (const line of label.querySelectorAll('line'))
        for (const name of ['x1', 'x2']) line.setAttribute(name, `${share * 100}%`);
      for (const text of label.querySelectorAll('text')) {
        text.setAttribute('x', `${share * 100}%`);
        text.textContent = clock(from + share * (to - from));
      }
    });
  }

  private fit(width: number): void {
    for (const plot of this.plots) plot.setSize({ width, height: plotHeight });
  }

  private redraw(): void {
    for (const plot of this.plots) plot.redraw(false, true);
  }
}

function press(button: HTMLButtonElement | null): void {
  for (const one of document.querySelectorAll('.zoom button')) one.setAttribute('aria-pressed', String(one === button));
}

if (found !== null && chart !== null) {
  root.classList.add('scripted');
  new Charts(JSON.parse(found.textContent!) as ChartData);
}
