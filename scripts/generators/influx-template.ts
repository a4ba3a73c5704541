import { DEFAULT_CONFIG } from '../../src/accounts/config.ts'
import { ROLLUP_TIERS } from '../../src/catalog/tiers.ts'
import { bucketName } from '../../src/store/influx/buckets.ts'
import { bucketPlans, type BucketPlan } from '../../src/store/influx/provision/bucket-plan.ts'
import { MARK } from '../../src/store/influx/provision/keep-buckets.ts'
import { taskDescription } from '../../src/store/influx/provision/keep-tasks.ts'
import {
  rollupScript,
  TASKS,
  taskName,
  withoutOptions,
} from '../../src/store/influx/rollup-script.ts'
import { retentionPolicy } from '../../src/store/retention-policy.ts'
import type { Generator } from '../generate.ts'

const PREFIX = 'perfwatch'

/** Names of a template's parts are those of DNS: without `_`. */
const partName = (name: string): string => name.replaceAll('_', '-')

const document = (lines: readonly string[]): string =>
  ['apiVersion: influxdata.com/v2alpha1', ...lines].join('\n')

const bucketPart = ({ shelf, keeping }: BucketPlan): string => {
  const name = bucketName(PREFIX, shelf)
  return document([
    'kind: Bucket',
    'metadata:',
    `  name: ${partName(name)}`,
    'spec:',
    `  name: ${name}`,
    `  description: ${MARK}`,
    // for good is no rule; PerfWatch sets how long a shard is at its first start
    ...(keeping.everySeconds === 0
      ? []
      : [
          '  retentionRules:',
          '    - type: expire',
          `      everySeconds: ${keeping.everySeconds}`,
          `      shardGroupDurationSeconds: ${keeping.shardSeconds}`,
        ]),
  ])
}

const indented = (text: string): readonly string[] =>
  text.split('\n').map((line) => (line === '' ? '' : `    ${line}`))

const taskPart = (tier: (typeof ROLLUP_TIERS)[number]): string => {
  const name = taskName(PREFIX, tier)
  return document([
    'kind: Task',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  name: ${name}`,
    `  description: ${taskDescription(PREFIX)}`,
    `  every: ${tier}`,
    `  offset: ${TASKS[tier].offset}`,
    '  query: |-',
    ...indented(withoutOptions(rollupScript(PREFIX, tier))),
  ])
}

/** Buckets and tasks as PerfWatch makes them with its defaults, for an InfluxDB whose owner makes them. */
export const influxTemplate: Generator = {
  file: 'influx/templates/perfwatch.yml',
  make: () =>
    [
      '# Made by scripts/generate.ts from src/store/influx: `influx apply` makes of it what PerfWatch makes by itself.',
      ...bucketPlans(retentionPolicy(DEFAULT_CONFIG)).map(bucketPart),
      ...ROLLUP_TIERS.map(taskPart),
    ]
      .join('\n---\n')
      .replace('\n---\n', '\n')
      .concat('\n'),
}
