import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

type Props = {
  readonly title: string
  /** What the button says that does it. */
  readonly yes: string
  readonly children: ComponentChildren
  readonly onYes: () => void
  readonly onNo: () => void
}

/** Asks before something cannot be taken back; the harmless answer has the focus, and Escape gives it. */
export const Question = ({ title, yes, children, onYes, onNo }: Props) => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-label={title} onClose={onNo}>
      <h2>{title}</h2>
      {children}
      <p class="answers">
        <button type="button" autofocus onClick={onNo}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={onYes}>
          {yes}
        </button>
      </p>
    </dialog>
  )
}
