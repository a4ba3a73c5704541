import { useState } from 'preact/hooks'
import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { useLoaded } from '../../load.ts'

/** A list that the API keeps under its name, what is done to it, and the row about which somebody is asked. */
export const useListed = <Row>(name: string) => {
  const list = useLoaded(name, (signal) =>
    ask<Readonly<Record<string, readonly Row[]>>>(`api/${name}`, { signal }),
  )
  const action = useAction()
  const [leaving, setLeaving] = useState<Row>()
  /** Does it and lists anew; what it resolves with is said. */
  const change = (work: () => Promise<string | undefined>) =>
    action.run(async () => {
      const done = await work()
      list.reload()
      return done
    })
  return {
    rows: list.value?.[name],
    isBusy: action.isBusy,
    outcome: { error: list.error ?? action.error, done: action.done },
    change,
    leaving,
    /** Asks about a row; undefined: about none any more. */
    setLeaving,
  }
}
