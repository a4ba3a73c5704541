type Props<Id extends string> = {
  readonly label: string
  readonly options: readonly { readonly id: Id; readonly title: string }[]
  readonly isPressed: (id: Id) => boolean
  readonly onPress: (id: Id) => void
}

/** Buttons side by side that stay pressed: the one that is chosen, or all that are. */
export const Buttons = <Id extends string>({ label, options, isPressed, onPress }: Props<Id>) => (
  <div class="group" role="group" aria-label={label}>
    {options.map(({ id, title }) => (
      <button key={id} type="button" aria-pressed={isPressed(id)} onClick={() => onPress(id)}>
        {title}
      </button>
    ))}
  </div>
)
