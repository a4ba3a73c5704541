import { localTime } from '../format.ts'
import { go } from '../place.ts'
import { freeRange, PRESETS, type Range } from '../range.ts'
import { Buttons } from './buttons.tsx'

/** A local time as the field for it wants it. */
const localField = (seconds: number): string =>
  localTime(Math.round(seconds) * 1000).replace(' ', 'T')

type FieldProps = {
  readonly label: string
  readonly value: number
  readonly onChange: (seconds: number) => void
}

/** A moment in local time. */
export const TimeField = ({ label, value, onChange }: FieldProps) => (
  <label>
    {label}
    <input
      type="datetime-local"
      step={1}
      value={localField(value)}
      onChange={({ currentTarget }) => {
        const seconds = new Date(currentTarget.value).getTime() / 1000
        if (Number.isFinite(seconds)) onChange(seconds)
      }}
    />
  </label>
)

/** Ranges that end now, any other, and steps to both sides. */
export const RangePicker = ({ range }: { readonly range: Range }) => {
  const { from, to } = range
  const step = (to - from) / 2
  const move = (seconds: number) => go(freeRange(from + seconds, to + seconds))
  const isNow = range.preset !== undefined
  return (
    <>
      <Buttons
        label="Range until now"
        options={PRESETS}
        isPressed={(id) => range.preset === id}
        onPress={(id) => go({ range: id, from: null, to: null })}
      />
      <TimeField
        label="From"
        value={from}
        onChange={(at) => go(freeRange(at, Math.max(to, at + 60)))}
      />
      <TimeField
        label="To"
        value={to}
        onChange={(at) => go(freeRange(Math.min(from, at - 60), at))}
      />
      <div class="group" role="group" aria-label="Move the range">
        <button type="button" aria-label="Earlier" onClick={() => move(-step)}>
          ◀
        </button>
        <button type="button" aria-label="Later" disabled={isNow} onClick={() => move(step)}>
          ▶
        </button>
        <button
          type="button"
          aria-label="Show twice as much"
          onClick={() => go(freeRange(from - step, Math.min(to + step, Date.now() / 1000)))}
        >
          −
        </button>
      </div>
    </>
  )
}
