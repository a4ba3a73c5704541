import type { Generator } from '../generate.ts'
import { ALERTS } from './grafana/alerts.ts'
import { DASHBOARDS } from './grafana/dashboards.ts'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** What a Grafana starts with: the dashboards, and rules that wake somebody. */
export const grafanaFiles: readonly Generator[] = [
  ...[...DASHBOARDS].map(([name, dashboard]) => ({
    file: `grafana/dashboards/${name}.json`,
    make: () => json(dashboard),
  })),
  { file: 'grafana/provisioning/alerting/perfwatch.json', make: () => json(ALERTS) },
]
