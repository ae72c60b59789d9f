import { CfnResolver } from 'aws-cdk-lib/aws-appsync'
import type { AgentJobsStack } from '../../lib/agent-jobs-stack.ts'

interface LeftOut {
  what: string
  why: string
  from(stack: AgentJobsStack): void
}

/** What MiniStack cannot do of our stack, and what is changed therefore, for this proof alone. */
export const LEFT_OUT: LeftOut[] = [
  {
    what: 'the output RealtimeUrl is left out',
    why: 'MiniStack gives an API no such attribute (CloudFormation does: AWS::AppSync::GraphQLApi, RealtimeUrl)',
    from: (stack) => {
      stack.jobs.outputs.node.tryRemoveChild('RealtimeUrl')
    },
  },
  {
    what: 'dispatch-jobs is also allowed sqs:SendMessageBatch',
    why: 'MiniStack asks for that action; AWS has none of that name, sqs:SendMessage covers the batch',
    from: (stack) => {
      for (const { queue } of stack.jobs.queues.all) {
        stack.jobs.functions.dispatchJobs.allow(queue.queueArn, 'sqs:SendMessageBatch')
      }
    },
  },
  {
    what: "the backend's three mutations take their caller for one that signs with IAM",
    why: 'MiniStack lets a role in by its policy, and then tells each resolver of "API Key Authorization"; AWS tells of IAM',
    from: (stack) => {
      for (const resolver of stack.jobs.api.resolvers.node.findAll()) {
        if (!(resolver instanceof CfnResolver) || !BACKEND.includes(resolver.fieldName)) continue
        resolver.code = resolver.code?.replaceAll(/\butil\d*\.authType\(\)/g, '"IAM Authorization"')
      }
    },
  },
]

const BACKEND = ['publishAgentJob', 'publishDeletedAgentJob', 'appendAgentJobEvent']
