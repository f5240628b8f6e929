import type { WireTokenTrace } from '../../src/proxy/answers/trace/trace-schema.ts'
import { activeToken, hoverToken } from '../compare/active-token.ts'
import { decimal, seconds, t } from '../texts/texts.ts'
import { type TimelineBar, type TimelineLayout, tickStep } from './timeline-layout.ts'

const ROW_HEIGHT = 9
const GAP = 2
const LANE_GAP = 16
const AXIS_HEIGHT = 20

interface TimelineProps {
  readonly layout: TimelineLayout
  readonly traces: readonly WireTokenTrace[]
  /**
   * The part at the beginning of an upstream's bar that the network takes; null where that cannot be told.
   */
  readonly networkMs: number | null
  /** Pixels. */
  readonly width: number
}

/** Bars for the work of both models, and a dot for each token at the moment when it was emitted. */
export function Timeline({ layout, traces, networkMs, width }: TimelineProps) {
  const scale = (ms: number) => (Math.max(ms, 0) / Math.max(layout.endMs, 1)) * (width - 8) + 4
  const localTop = layout.upstreamRows * (ROW_HEIGHT + GAP) + LANE_GAP
  const dotsTop = localTop + layout.localRows * (ROW_HEIGHT + GAP) + LANE_GAP
  const height = dotsTop + ROW_HEIGHT + AXIS_HEIGHT
  const active = activeToken.value?.position
  const bar = (kind: string, top: number) => (item: TimelineBar) => (
    <rect
      key={`${item.startMs} ${item.endMs}`}
      class={`${kind} ${active !== undefined && item.positions.includes(active) ? 'active' : ''}`}
      x={scale(item.startMs)}
      y={top + item.row * (ROW_HEIGHT + GAP)}
      width={Math.max(1.5, scale(item.endMs) - scale(item.startMs))}
      height={ROW_HEIGHT}
      rx={2}
      data-position={item.positions[0]}
    />
  )
  return (
    <svg
      class="timeline"
      width={width}
      height={height}
      role="img"
      aria-label={t().details.timelineOf(traces.length, seconds(layout.endMs))}
      onPointerOver={({ target }) => {
        const position = target instanceof SVGElement ? target.dataset.position : undefined
        const anchor = target instanceof Element ? target : null
        hoverToken(position === undefined ? null : { position: Number(position), anchor })
      }}
      onPointerLeave={() => hoverToken(null)}
    >
      <Axis layout={layout} width={width} height={height} scale={scale} />
      {layout.upstream.map(bar('bar-upstream', 0))}
      {layout.upstream.map(({ startMs, endMs, row }) => (
        <rect
          key={`${startMs} ${endMs}`}
          class="bar-network"
          x={scale(startMs)}
          y={row * (ROW_HEIGHT + GAP)}
          width={scale(Math.min(endMs, startMs + (networkMs ?? 0))) - scale(startMs)}
          height={ROW_HEIGHT}
          rx={2}
        />
      ))}
      {layout.local.map(bar('bar-local', localTop))}
      {traces.map(({ position, emittedMs, draft, token }) => (
        <circle
          key={position}
          class={`${draft?.id === token.id ? 'dot-accepted' : 'dot-waited'} ${active === position ? 'active' : ''}`}
          cx={scale(emittedMs)}
          cy={dotsTop + ROW_HEIGHT / 2}
          r={3.5}
          data-position={position}
        />
      ))}
    </svg>
  )
}

interface AxisProps extends Pick<TimelineProps, 'layout' | 'width'> {
  readonly height: number
  readonly scale: (ms: number) => number
}

function Axis({ layout, width, height, scale }: AxisProps) {
  const step = tickStep(layout.endMs, Math.max(3, width / 110))
  const ticks = Array.from({ length: Math.floor(layout.endMs / step) + 1 }, (_, index) => index * step)
  return (
    <g class="axis">
      {ticks.map((ms) => (
        <g key={ms}>
          <line x1={scale(ms)} x2={scale(ms)} y1={0} y2={height - AXIS_HEIGHT + 4} />
          <text x={scale(ms)} y={height - 4} text-anchor={ms === 0 ? 'start' : 'middle'}>
            {step < 1000 ? `${ms} ms` : `${decimal(ms / 1000, Number.isInteger(ms / 1000) ? 0 : 1)} s`}
          </text>
        </g>
      ))}
    </g>
  )
}
