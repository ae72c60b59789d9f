#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`agent-jobs needs Node 20.19 or newer, and this is Node ${process.versions.node}`)
  process.exit(1)
}

const COMMANDS: Record<string, { does: string; load(): Promise<unknown> }> = {
  dev: { does: 'runs your agents, or your whole CDK app, on this machine', load: () => import('./start.ts') },
  demo: { does: 'shows the agents that come along at work', load: () => import('./demo.ts') },
  doctor: { does: 'checks your AWS account before a deploy', load: () => import('./doctor/doctor.ts') },
  outputs: { does: 'writes amplify_outputs.json after a deploy', load: () => import('./outputs/write-outputs.ts') },
  redrive: { does: 'puts back what could not be handled', load: () => import('./redrive/redrive.ts') },
}

const USAGE = `agent-jobs <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { does }]) => `  ${name.padEnd(10)}${does}`)
  .join('\n')}

  agent-jobs <command> --help tells a command's options.`

const name = process.argv[2]
const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
if (command) {
  // Each command reads its own options, as if it were the program.
  process.argv.splice(2, 1)
  await command.load()
} else {
  const asked = name === undefined || name === '--help' || name === '-h' || name === 'help'
  if (asked) console.log(USAGE)
  else console.error(`agent-jobs has no command ${name}\n\n${USAGE}`)
  process.exitCode = name === undefined || !asked ? 1 : 0
}
