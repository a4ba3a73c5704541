import type { ComponentChildren } from 'preact'

/** What stands in the fields of a form, by their names. */
export const textsOf = (form: HTMLFormElement): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  )

type Props = {
  readonly class?: string
  readonly onSend: (form: HTMLFormElement) => Promise<void> | void
  readonly children: ComponentChildren
}

/** A form that the page sends, not the browser. */
export const Form = ({ class: look = 'controls', onSend, children }: Props) => (
  <form
    class={look}
    onSubmit={(event) => {
      event.preventDefault()
      void onSend(event.currentTarget)
    }}
  >
    {children}
  </form>
)
