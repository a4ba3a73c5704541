import { useMemo, useState } from 'preact/hooks'
import type { Moods as MoodsAnswer } from '../../doors/mood/wire.ts'
import { ask } from '../api.ts'
import { localTime } from '../format.ts'
import { sentenceOf, useLoaded, type Loaded } from '../load.ts'
import type { User } from '../session.ts'
import { Form, textsOf } from '../ui/form.tsx'
import { Failure } from '../ui/failure.tsx'
import { Table } from '../ui/table.tsx'

type Diary = MoodsAnswer[string]
type Entry = Diary['mood_data'][number]

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

export const moodsOf = async (user: User, signal: AbortSignal): Promise<Diary> => {
  const answer = await ask<MoodsAnswer>('mood', { query: { tz: zone }, signal })
  return answer[user.username] ?? { mood_data: [], streak: 0 }
}

const DAY_LENGTH = '2022-01-04'.length

/** The calendar day of an entry, in the time zone that was asked for. */
const dayOf = ({ Date: text }: Entry): string => text.slice(0, DAY_LENGTH)

/** A mood diary: today's, the days, and what they add up to. */
export const Moods = ({ user }: { readonly user: User }) => {
  const moods = useLoaded(user.username, (signal) => moodsOf(user, signal))
  const { value, error } = moods
  return (
    <>
      <section class="card" aria-label="Today">
        <NewMood moods={moods} />
        <Failure of={error} />
      </section>
      {value !== undefined && value.mood_data.length === 0 && (
        <p class="empty">The diary is empty. What you keep appears here, in a calendar.</p>
      )}
      {value !== undefined && value.mood_data.length > 0 && <DiaryOf diary={value} />}
    </>
  )
}

const NewMood = ({ moods }: { readonly moods: Loaded<Diary> }) => {
  const [error, setError] = useState<string>()
  const known = [...new Set(moods.value?.mood_data.map(({ Mood }) => Mood) ?? [])]
  const send = async (form: HTMLFormElement) => {
    setError(undefined)
    try {
      await ask('mood', { method: 'POST', body: { mood: textsOf(form)['mood'] } })
      form.reset()
      moods.reload()
    } catch (cause) {
      setError(sentenceOf(cause))
    }
  }
  return (
    <Form onSend={send}>
      <label>
        How are you?
        <input name="mood" required maxLength={200} list="known-moods" autocomplete="off" />
      </label>
      <datalist id="known-moods">
        {known.map((mood) => (
          <option key={mood} value={mood} />
        ))}
      </datalist>
      <button type="submit" class="primary">
        Keep
      </button>
      {moods.value !== undefined && moods.value.mood_data.length > 0 && (
        <p class="hint">
          Streak: <strong>{moods.value.streak}</strong> {moods.value.streak === 1 ? 'day' : 'days'}
        </p>
      )}
      <Failure of={error} />
    </Form>
  )
}

const DiaryOf = ({ diary }: { readonly diary: Diary }) => {
  const entries = diary.mood_data
  return (
    <>
      <section class="card" aria-label="Calendar">
        <h2>The last year</h2>
        <Calendar entries={entries} />
      </section>
      <div class="grid">
        <Counts title="By mood" rows={countsOf(entries.map(({ Mood }) => Mood))} />
        <Counts title="By weekday" rows={byWeekday(entries)} />
        <section class="card" aria-label="Entries">
          <h2>Entries</h2>
          <Table
            label="Entries, table"
            rows={entries.toReversed()}
            keyOf={(_, place) => entries.length - place}
            columns={[
              { title: 'Time', show: (entry) => entry.Date },
              { title: 'Mood', show: (entry) => entry.Mood },
              { title: 'Streak', isNumber: true, show: (entry) => entry.streak },
            ]}
          />
        </section>
      </div>
    </>
  )
}

const DAY_MS = 86_400_000
const WEEKS = 53
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** Monday is 0. Days are counted in UTC: a calendar day has no clock. */
const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7

const countsOf = (names: readonly string[]): readonly (readonly [string, number])[] => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)
}

const byWeekday = (entries: readonly Entry[]) => {
  const counts = new Map(countsOf(entries.map((entry) => String(weekdayOf(dayOf(entry))))))
  return WEEKDAYS.map((name, day) => [name, counts.get(String(day)) ?? 0] as const)
}

/** A column a week, a cell a day; what stands in a cell is told to who cannot see it. */
const Calendar = ({ entries }: { readonly entries: readonly Entry[] }) => {
  const weeks = useMemo(() => weeksOf(entries), [entries])
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Calendar, table">
      <table class="calendar">
        <tbody>
          {WEEKDAYS.map((name, weekday) => (
            <tr key={name}>
              <th scope="row">{name.slice(0, 3)}</th>
              {weeks.map((week) => {
                const { day, moods } = week[weekday] ?? { day: '', moods: [] }
                const text = moods.length === 0 ? day : `${day}: ${moods.join(', ')}`
                return (
                  <td key={day} title={text} class={`mood-${Math.min(moods.length, 4)}`}>
                    <span class="hidden">{moods.length === 0 ? '' : text}</span>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type Day = { readonly day: string; readonly moods: readonly string[] }

/** The last year by weeks that begin on Monday. */
const weeksOf = (entries: readonly Entry[]): readonly (readonly Day[])[] => {
  const byDay = Map.groupBy(entries, dayOf)
  const today = localTime(Date.now()).slice(0, DAY_LENGTH)
  const monday = Date.parse(`${today}T00:00:00Z`) - weekdayOf(today) * DAY_MS
  return Array.from({ length: WEEKS }, (_, week) =>
    WEEKDAYS.map((_name, weekday) => {
      const at = monday + ((week - WEEKS + 1) * 7 + weekday) * DAY_MS
      const day = new Date(at).toISOString().slice(0, DAY_LENGTH)
      return { day, moods: byDay.get(day)?.map(({ Mood }) => Mood) ?? [] }
    }),
  )
}

type CountsProps = {
  readonly title: string
  readonly rows: readonly (readonly [string, number])[]
}

const Counts = ({ title, rows }: CountsProps) => {
  const most = Math.max(1, ...rows.map(([, count]) => count))
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <ul class="partitions counts">
        {rows.map(([name, count]) => (
          <li key={name}>
            <span>{name}</span>
            <meter min={0} max={most} value={count} aria-label={name} />
            <span>{count}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
