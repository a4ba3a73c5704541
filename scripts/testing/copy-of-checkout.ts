import { cpSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Made by a command, or large: not part of what is in the repository. */
const LEFT_OUT = ['node_modules', '.git', 'dist', 'data', 'coverage']

/** Copies the files of the checkout into an empty folder, without what commands have made in it. */
export const copyOfCheckout = (folder: string): void =>
  cpSync(root, folder, {
    recursive: true,
    filter: (path) => path === root || !LEFT_OUT.includes(basename(path)),
  })
