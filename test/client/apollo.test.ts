import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { createAuthLink } from 'aws-appsync-auth-link'
import { CONTROL_EVENTS_KEY, createSubscriptionHandshakeLink } from 'aws-appsync-subscription-link'
import { filter } from 'rxjs'
import { ulid } from 'ulid'
import { expect, test } from 'vitest'
import example from '../../examples/recommendTask.json' with { type: 'json' }
import { offlineModel } from '../../local/offline-model.ts'
import { startLocal } from '../../local/start-local.ts'

const ON_UPDATE = gql`
  subscription OnUpdate($filter: ModelSubscriptionAgentJobFilterInput) {
    onUpdateAgentJob(filter: $filter) { id status version resultData }
  }
`
const CREATE = gql`
  mutation Create($input: CreateAgentJobInput!) { createAgentJob(input: $input) { id status } }
`

interface Job {
  id: string
  status: string
  version: number
  resultData: string | null
}

test('Apollo Client with aws-appsync-subscription-link sees a job from PENDING to COMPLETE', async () => {
  await using cloud = await startLocal({ model: offlineModel({ paceMs: 0 }) })
  const url = cloud.outputs.GraphQLUrl as string
  const jwt = await cloud.token('alice')
  const options = {
    url,
    region: cloud.identity.region,
    auth: { type: 'AMAZON_COGNITO_USER_POOLS' as const, jwtToken: () => jwt },
  }
  let started = () => {}
  const acknowledged = new Promise<void>((resolve) => {
    started = resolve
  })
  // The handshake link tells of start_ack in a control message, which Apollo Client has no use for.
  const onAcknowledged = new ApolloLink((operation, forward) => {
    const isData = ({ extensions }: ApolloLink.Result) => {
      if (!extensions?.controlMsgType) return true
      started()
      return false
    }
    return forward(operation).pipe(filter(isData))
  })
  const client = new ApolloClient({
    // The two AWS links are typed for another copy of ApolloLink; they are the same at run time.
    link: ApolloLink.from([
      onAcknowledged,
      createAuthLink(options) as unknown as ApolloLink,
      createSubscriptionHandshakeLink(options, new HttpLink({ uri: url }) as never) as unknown as ApolloLink,
    ]),
    cache: new InMemoryCache(),
  })

  const id = ulid()
  const seen: Job[] = []
  const complete = new Promise<Job>((resolve, reject) => {
    client
      .subscribe<{ onUpdateAgentJob: Job }>({
        query: ON_UPDATE,
        variables: { filter: { id: { eq: id } } },
        context: { controlMessages: { [CONTROL_EVENTS_KEY]: true } },
      })
      .subscribe({
        next({ data }) {
          const job = data?.onUpdateAgentJob
          if (!job) return
          seen.push(job)
          if (job.status === 'COMPLETE') resolve(job)
        },
        error: reject,
      })
  })
  await Promise.race([acknowledged, complete])
  await client.mutate({
    mutation: CREATE,
    variables: { input: { id, queryType: 'recommendTask', requestData: JSON.stringify(example) } },
  })
  expect(JSON.parse((await complete).resultData as string)).toHaveProperty('taskId')
  expect(seen.map(({ status }) => status)).toEqual(['PENDING', 'PROCESSING', 'COMPLETE'])
  client.stop()
})
