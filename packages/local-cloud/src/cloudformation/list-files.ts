import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Folders that are installed or made, and so follow from other files. */
const MADE = new Set(['node_modules', 'cdk.out', 'dist', 'coverage'])

/** The files at and below `path`, which is one from `root`; without what is installed or made, and without dot folders. */
export function listFiles(root: string, path: string): string[] {
  const stat = statSync(resolve(root, path), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [path]
  return readdirSync(resolve(root, path), { withFileTypes: true }).flatMap((entry) => {
    const inner = path === '.' ? entry.name : join(path, entry.name)
    if (entry.isDirectory()) return MADE.has(entry.name) || entry.name.startsWith('.') ? [] : listFiles(root, inner)
    return entry.isFile() ? [inner] : []
  })
}
