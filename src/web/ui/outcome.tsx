import type { Action } from '../action.ts'

/** How something went that a person has asked for. */
export const Outcome = ({ of: { error, done } }: { readonly of: Pick<Action, 'error' | 'done'> }) =>
  error === undefined ? (
    <p class="done" role="status">
      {done}
    </p>
  ) : (
    <p class="error" role="alert">
      {error}
    </p>
  )
