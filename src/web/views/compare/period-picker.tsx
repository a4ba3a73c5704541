import type { CompareAnswer } from '../../../api/history-schemas.ts'
import { useBaseline, type Baseline } from '../../baseline.ts'
import { localTime } from '../../format.ts'
import { Buttons } from '../../ui/buttons.tsx'
import { TimeField } from '../../ui/range-picker.tsx'
import { AGAINST, goFree, goNamed, PERIODS, spanOf, type Question } from './question.ts'

type PickerProps = {
  readonly question: Question
  readonly answer: CompareAnswer | undefined
  readonly host: string
}

/** Which two periods, by their names or by any times; and the one that is pinned. */
export const PeriodPicker = ({ question, answer, host }: PickerProps) => {
  const { baseline, pin, unpin } = useBaseline()
  const named = question.kind === 'named' ? question : undefined
  const [from, to] = answer === undefined ? [0, 0] : spanOf(answer.current)
  const [base] = answer === undefined ? [0] : spanOf(answer.comparison)
  return (
    <div class="controls">
      <Buttons
        label="Period"
        options={PERIODS}
        isPressed={(id) => named?.period === id}
        onPress={(id) => goNamed(id, named?.against ?? 'yesterday')}
      />
      <Buttons
        label="Against"
        options={AGAINST}
        isPressed={(id) => named?.against === id}
        onPress={(id) => goNamed(named?.period ?? 'hour', id)}
      />
      {answer !== undefined && (
        <>
          <TimeField
            label="From"
            value={from}
            onChange={(at) => goFree(at, Math.max(to, at + 60), base)}
          />
          <TimeField
            label="To"
            value={to}
            onChange={(at) => goFree(Math.min(from, at - 60), at, base)}
          />
          <TimeField
            label="Against the same length from"
            value={base}
            onChange={(at) => goFree(from, to, at)}
          />
          <button type="button" onClick={() => pin({ host, from, to })}>
            Pin this period as the baseline
          </button>
        </>
      )}
      {baseline !== undefined && <Pinned baseline={baseline} host={host} unpin={unpin} />}
    </div>
  )
}

type PinnedProps = {
  readonly baseline: Baseline
  readonly host: string
  readonly unpin: () => void
}

const Pinned = ({ baseline, host, unpin }: PinnedProps) => {
  const { from, to } = baseline
  const compare = () => {
    const now = Math.floor(Date.now() / 1000)
    goFree(now - (to - from), now, from)
  }
  return (
    <p class="hint">
      Baseline: {localTime(from * 1000)} to {localTime(to * 1000)}
      {baseline.host === host ? '' : ' of another host'}{' '}
      <button type="button" onClick={compare}>
        Compare now with it
      </button>{' '}
      <button type="button" class="link" onClick={unpin}>
        Unpin
      </button>
    </p>
  )
}
