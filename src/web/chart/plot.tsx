import { useLayoutEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Unit } from '../../catalog/metric.ts'
import { format, isBinary, localTime, utcTime } from '../format.ts'
import type { Columns } from './columns.ts'
import { colour, lineColour, useThemeRound } from './theme.ts'

/** A line as it is drawn. */
export type PlotLine = {
  readonly label: string
  /** Without it the next colour of the palette. */
  readonly colour?: string
  readonly isDashed?: boolean
  /** Only the edge of a band: nothing of its own is drawn, and the legend leaves it out. */
  readonly isEdge?: boolean
}

export type Band = { readonly upper: number; readonly lower: number; readonly of: number }

export type PlotProps = {
  readonly unit: Unit
  readonly lines: readonly PlotLine[]
  readonly columns: Columns
  /** Areas between two lines, in the colour of a third, by their places. */
  readonly bands?: readonly Band[]
  readonly height?: number
  /** Charts of one name share their crosshair. */
  readonly sync?: string
  /** Seconds that the time axis shows, whatever the data has. */
  readonly range?: readonly [number, number]
  readonly onZoom?: (from: number, to: number) => void
  readonly onReset?: () => void
  /** A time of the axis as it is shown; without it local time, with UTC behind it. */
  readonly timeText?: (seconds: number) => string
}

const POWERS_OF_TWO = Array.from({ length: 60 }, (_, power) => 2 ** (power - 4))

/** How much of a line's colour its band has, as colours end. */
const BAND_ALPHA = '30'

/** Fewer lines than this have a legend. */
const MOST_IN_LEGEND = 24

const optionsOf = (
  props: PlotProps,
  width: number,
  live: { current: PlotProps },
): uPlot.Options => {
  const { unit, lines, bands = [], height = 180, sync } = props
  const grid = { stroke: colour('--grid'), width: 1 }
  const axis = { stroke: colour('--faint'), grid, ticks: { show: false }, font: '11px system-ui' }
  const showTime = (at: number) =>
    live.current.timeText?.(at) ?? `${localTime(at * 1000)} (${utcTime(at * 1000)})`
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    cursor: {
      ...(sync !== undefined && { sync: { key: sync, filters: { pub: isCrosshair } } }),
      drag: { x: props.onZoom !== undefined, y: false, setScale: false },
      points: { size: 6 },
      // double click goes back
      bind: {
        dblclick: () => () => {
          live.current.onReset?.()
          return null
        },
      },
    },
    legend: { show: lines.length <= MOST_IN_LEGEND },
    scales: {
      x: {
        time: true,
        range: (_plot, min, max) =>
          [...(live.current.range ?? ([min, max] as const))] as uPlot.Range.MinMax,
      },
      y: {
        range: (_plot, min, max) => {
          if (min === null || max === null) return [0, 1]
          const top = max === min ? max + Math.abs(max || 1) * 0.1 : max + (max - min) * 0.05
          return [
            Math.min(0, min),
            unit === 'percent' && max <= 100 ? Math.min(100, Math.max(top, 5)) : top,
          ]
        },
      },
    },
    axes: [
      { ...axis, values: timeTicks },
      {
        ...axis,
        size: 72,
        space: 24,
        ...(isBinary(unit) && { incrs: POWERS_OF_TWO }),
        values: (_plot, ticks) => ticks.map((tick) => format(unit, tick)),
      },
    ],
    series: [
      { label: 'Time', value: (_plot, at) => (at === null ? '–' : showTime(at)) },
      ...lines.map((line, place): uPlot.Series => ({
        label: line.label,
        stroke: line.isEdge === true ? 'transparent' : (line.colour ?? lineColour(place)),
        width: line.isEdge === true ? 0 : 1.5,
        ...(line.isDashed === true && { dash: [5, 4] }),
        points: { show: line.isEdge !== true, size: 5, filter: loneOnes },
        spanGaps: false,
        value: (_plot, value) => format(unit, value),
        ...(line.isEdge === true && { class: 'edge' }),
      })),
    ],
    bands: bands.map(({ upper, lower, of }) => ({
      series: [upper + 1, lower + 1],
      fill: `${lines[of]?.colour ?? lineColour(of)}${BAND_ALPHA}`,
    })),
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select
          if (wide < 4) return
          const from = plot.posToVal(left, 'x')
          const to = plot.posToVal(left + wide, 'x')
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          live.current.onZoom?.(from, to)
        },
      ],
    },
  }
}

/** A value between two gaps has no line to be seen by. */
const loneOnes = (plot: uPlot, series: number): number[] => {
  const values = plot.data[series] ?? []
  const has = (place: number) => typeof values[place] === 'number'
  const lone: number[] = []
  for (let place = 0; place < values.length; place += 1)
    if (has(place) && !has(place - 1) && !has(place + 1)) lone.push(place)
  return lone
}

/** Charts that are in sync share the crosshair, and one alone zooms. */
const isCrosshair = (type: string): boolean => type === 'mousemove' || type === 'mouseleave'

const DAY = 86_400
const DATE = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

/** Local clock times, with the day under the first and under each midnight. */
const timeTicks = (
  _plot: uPlot,
  ticks: readonly number[],
  _axis: number,
  _space: number,
  step: number,
) =>
  ticks.map((tick, place) => {
    const day = DATE.format(tick * 1000)
    if (step >= DAY) return day
    const [, time = ''] = localTime(tick * 1000).split(' ')
    const clock = step >= 60 ? time.slice(0, 5) : time
    return place === 0 || time === '00:00:00' ? `${clock}\n${day}` : clock
  })

/** What a plot has to be made anew for; all else is set. */
const shapeOf = ({ unit, lines, bands, height, sync, onZoom }: PlotProps): string =>
  JSON.stringify([unit, lines, bands, height, sync, onZoom !== undefined])

/** A chart on a canvas, as wide as its place. */
export const Plot = (props: PlotProps) => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const live = useRef(props)
  live.current = props
  const round = useThemeRound()
  const shape = shapeOf(props)
  const { columns, height = 180, range } = props

  // with the frame that shows it: effects after the paint would make several charts in one go
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const made = new uPlot(
      optionsOf(live.current, element.clientWidth, live),
      dataOf(live.current.columns),
      element,
    )
    plot.current = made
    // it also tells the first size, and setting that would draw all of it once more
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth
      if (width > 0 && width !== made.width) made.setSize({ width, height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [shape, round, height])

  // a plot that was just made has its data
  const fresh = useRef<uPlot | undefined>(undefined)
  useLayoutEffect(() => {
    if (fresh.current === plot.current) plot.current?.setData(dataOf(columns))
    fresh.current = plot.current
  }, [columns, range?.[0], range?.[1], shape, round, height])

  return <div class="plot" ref={place} />
}

const dataOf = ({ times, values }: Columns): uPlot.AlignedData =>
  [times, ...values] as unknown as uPlot.AlignedData
