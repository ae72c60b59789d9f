import { type Answer, echo, IAM, type World } from './appsync-world.ts'

const UTILS = "import { util, extensions } from '@aws-appsync/utils'\n"

/** An API whose backend publishes jobs through a NONE data source, as the project's own does. */
export const publishingApi = {
  schema: `
    type Job @aws_iam @aws_cognito_user_pools {
      id: ID! owner: String status: String version: Int! tags: [String] error: JobError
    }
    type JobError @aws_iam @aws_cognito_user_pools { code: String! }
    input JobInput { id: ID! owner: String status: String version: Int! tags: [String] code: String }
    type Query { nothing: String }
    type Mutation {
      publishJob(input: JobInput!): Job @aws_iam
      invalidate(owner: String!): String @aws_iam
    }
    type Subscription {
      onJob(id: ID, owner: String, status: String): Job @aws_subscribe(mutations: ["publishJob"])
      onFiltered(filter: AWSJSON): Job @aws_subscribe(mutations: ["publishJob"])
      onSecret: Job @aws_subscribe(mutations: ["publishJob"]) @aws_cognito_user_pools(cognito_groups: ["admins"])
    }`,
  resolvers: [
    {
      typeName: 'Mutation',
      fieldName: 'publishJob',
      dataSourceName: 'None',
      code: `${UTILS}
        export const request = (ctx) => ({ payload: ctx.args.input })
        export const response = (ctx) => {
          const { code, ...job } = ctx.result
          if (job.status === 'ERROR') util.error('failed', 'Failed', job)
          if (job.status === 'NULL') return null
          return { ...job, error: code ? { code } : null }
        }`,
    },
    {
      typeName: 'Mutation',
      fieldName: 'invalidate',
      dataSourceName: 'None',
      code: `${UTILS}
        export const request = () => ({})
        export const response = (ctx) => {
          extensions.invalidateSubscriptions({ subscriptionField: 'onFiltered', payload: { owner: ctx.args.owner } })
          return 'done'
        }`,
    },
    {
      typeName: 'Subscription',
      fieldName: 'onFiltered',
      dataSourceName: 'None',
      code: `${UTILS}
        export const request = () => ({})
        export const response = (ctx) => {
          if (ctx.args.filter.refuse) util.error('not this one', 'Refused')
          extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter(ctx.args.filter))
          extensions.setSubscriptionInvalidationFilter(
            util.transform.toSubscriptionFilter({ owner: { eq: ctx.identity.sub } }),
          )
          return null
        }`,
    },
    { typeName: 'Query', fieldName: 'nothing', dataSourceName: 'None', code: echo('"nothing"') },
  ],
}

export const JOB = { version: 1 }

const ALL = '{ id owner status version tags error { code } }'

/** Publishes a job as the backend does. */
export function publish(world: World, job: { id: string; [field: string]: unknown }, selection = ALL): Promise<Answer> {
  // A selection may bring its fragments behind it.
  const [fields, ...fragments] = selection.split(' fragment ')
  const mutation = `mutation ($input: JobInput!) { publishJob(input: $input) ${fields} }`
  const document = [mutation, ...fragments].join(' fragment ')
  return world.post(document, { input: { ...JOB, ...job } }, { authorization: IAM })
}
