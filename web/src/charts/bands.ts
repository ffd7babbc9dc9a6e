import type uPlot from "uplot";
import { colour } from "./palette";

/** A stretch of the x axis with a name. */
export interface Band {
  label: string;
  from: number;
  to: number;
}

/** Draws the stretches behind the lines, every other one tinted, with their names above where there is room for them. */
export function bands(list: Band[]): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot: uPlot): void => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
        ctx.clip();
        ctx.font = `${Math.round(11 * devicePixelRatio)}px "Inter Variable", system-ui, sans-serif`;
        ctx.textBaseline = "top";
        list.forEach((band, i) => {
          const left = Math.max(bbox.left, plot.valToPos(band.from, "x", true));
          const right = Math.min(bbox.left + bbox.width, plot.valToPos(band.to, "x", true));
          if (right <= left) return;
          if (i % 2 === 1) {
            ctx.fillStyle = colour("--band");
            ctx.fillRect(left, bbox.top, right - left, bbox.height);
          }
          if (ctx.measureText(band.label).width + 8 * devicePixelRatio > right - left) return;
          ctx.fillStyle = colour("--muted");
          ctx.fillText(band.label, left + 4 * devicePixelRatio, 0);
        });
        ctx.restore();
      },
    },
  };
}
