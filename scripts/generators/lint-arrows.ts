import type { Generator } from '../generate.ts'
import { arrowOverrides } from '../lint/oxlint-config.ts'

/** The import arrows as the linter's overrides, one a line. */
export const lintArrows: Generator = {
  file: 'scripts/lint/arrows.json',
  make: () =>
    [
      '// Made by scripts/generate.ts from scripts/lint/arrows.ts; change that and run `npm run generate`.',
      '{ "overrides": [',
      arrowOverrides()
        .map((one) => JSON.stringify(one))
        .join(',\n'),
      '] }',
      '',
    ].join('\n'),
}
