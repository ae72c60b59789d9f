// Runs before each command, on whatever Node that is, so it is plain JavaScript that old versions read too.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `Agent Jobs runs on the Node 24 that it brings along, and this is Node ${process.versions.node}: run it by npm ` +
      '(npm start, npm run demo, npm test) after `npm install`; if that was done, npm skipped an install script: `npm rebuild node`',
  )
  process.exit(1)
}
