import { duration, format } from '../format.ts'
import { useHosts } from '../hosts.ts'

/** What kind of machine it is. */
export const HostFacts = ({ host }: { readonly host: string | undefined }) => {
  const hosts = useHosts(true)
  const one = hosts.find((each) => (host === undefined ? each.self : each.host === host))
  if (one === undefined) return <span class="facts" />
  const up = one.boot_time === null ? undefined : (Date.now() - Date.parse(one.boot_time)) / 1000
  const facts = [
    one.os,
    one.kernel,
    one.cpu_model,
    one.cores === null ? null : `${one.cores} ${one.cores === 1 ? 'core' : 'cores'}`,
    one.memory_total_bytes === null ? null : format('bytes', one.memory_total_bytes),
    one.virtualization,
    up === undefined ? null : `up ${duration(up)}`,
  ]
  return (
    <p class="facts">
      <strong>{one.host}</strong> {facts.filter((fact) => fact !== null && fact !== '').join(' · ')}
    </p>
  )
}
