#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error local-cloud needs Node 20.19 or newer, and this is Node ${process.versions.node}`)
  process.exit(1)
}

// Nothing is loaded before: an older Node would stumble over it without a word of what is wrong.
const { main } = await import('./main.ts')
await main(process.argv.slice(2))
