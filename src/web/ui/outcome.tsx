import { Failure } from './failure.tsx'

type Props = {
  readonly of: { readonly error?: string | undefined; readonly done?: string | undefined }
}

/** How something went that a person has asked for. */
export const Outcome = ({ of: { error, done } }: Props) =>
  error === undefined ? (
    <p class="done" role="status">
      {done}
    </p>
  ) : (
    <Failure of={error} />
  )
