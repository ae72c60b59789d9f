/** A module for a foreign project: runs one job of the README's agent on a started cloud, and answers with it as it ended. */
export const JOB_SCRIPT = `export async function runJob(cloud) {
  const token = await cloud.token('alice')
  const ask = async (query, variables) => {
    const headers = { authorization: token, 'content-type': 'application/json' }
    const answer = await fetch(cloud.outputs.GraphQLUrl, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    const { data, errors } = await answer.json()
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  const input = { queryType: 'summarize', requestData: '{"text":"A long story."}' }
  const created = await ask('mutation ($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id } }', { input })
  for (;;) {
    const { getAgentJob: job } = await ask('query ($id: ID!) { getAgentJob(id: $id) { status error { message } } }', created.createAgentJob)
    if (job.status === 'COMPLETE' || job.status === 'FAILED') return job
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
`
