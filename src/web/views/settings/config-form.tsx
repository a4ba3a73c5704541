import type { ConfigView } from '../../../api/routes/config.ts'
import { Form, textsOf } from '../../ui/form.tsx'

/** A setting as a form shows it. */
export type Control = {
  readonly name: keyof ConfigView
  readonly label: string
} & (
  | { readonly kind: 'number'; readonly least: number }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'flag' }
  | { readonly kind: 'text' }
)

type Props = {
  readonly config: ConfigView
  readonly controls: readonly Control[]
  readonly mayChange: boolean
  readonly isBusy: boolean
  /** With what is other than before. */
  readonly onSubmit: (change: object) => void
}

/**
 * Some of the settings, typed into freely: what is drawn again meanwhile does not take it away. Who may not change them
 * sees them.
 */
export const ConfigForm = ({ config, controls, mayChange, isBusy, onSubmit }: Props) => (
  <Form
    onSend={(form) => {
      const typed = textsOf(form)
      const entries = controls.map(({ name, kind }) => [name, valueOf(typed[name], kind)] as const)
      onSubmit(Object.fromEntries(entries.filter(([name, value]) => value !== config[name])))
    }}
  >
    <fieldset disabled={!mayChange || isBusy} class="controls">
      {controls.map((control) => (
        <label key={control.name} class={control.kind === 'flag' ? 'inline' : ''}>
          {control.label}
          <Input control={control} value={config[control.name]} />
        </label>
      ))}
      {mayChange && (
        <button type="submit" class="primary">
          Save
        </button>
      )}
    </fieldset>
  </Form>
)

/** What a field's text means; a box without a tick has none. */
const valueOf = (text: string | undefined, kind: Control['kind']): unknown => {
  if (kind === 'flag') return text !== undefined
  return kind === 'number' ? Number(text) : text
}

type InputProps = { readonly control: Control; readonly value: string | number | boolean }

const Input = ({ control, value }: InputProps) => {
  const { name } = control
  switch (control.kind) {
    case 'flag':
      return <input type="checkbox" name={name} defaultChecked={value === true} />
    case 'number':
      return (
        <input
          type="number"
          name={name}
          min={control.least}
          defaultValue={String(value)}
          required
        />
      )
    case 'text':
      return <input name={name} defaultValue={String(value)} required />
    case 'choice':
      return (
        <select name={name}>
          {control.options.map((one) => (
            <option key={one} value={one} selected={one === value}>
              {one}
            </option>
          ))}
        </select>
      )
  }
}
