// Stands before what is published as agent-jobs/cdk and agent-jobs/local. Plain JavaScript that old versions of Node read
// too, and loaded before anything that they could not.

/**
 * Loads what is behind a door of this package, if what it needs is there: Node itself, and the peers. The error is one
 * line with the way out, where Node would tell of a missing module deep inside.
 */
exports.openDoor = function openDoor(door, peers, load) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`${door} needs Node 20.19 or newer, and this is Node ${process.versions.node}`)
  }
  checkPeers(door, peers)
  return load()
}

function checkPeers(door, peers) {
  const missing = peers.filter((peer) => !isThere(peer))
  if (missing.length === 0) return
  throw new Error(`${door} needs ${missing.join(' and ')} beside it: npm install ${missing.join(' ')}`)
}
exports.checkPeers = checkPeers

function isThere(peer) {
  try {
    require.resolve(`${peer}/package.json`)
    return true
  } catch {
    return false
  }
}
