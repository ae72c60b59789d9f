import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { AgentJobs, type AgentJobsProps } from './agent-jobs.ts'

/** The stack that `npm run deploy` deploys: one set of agent jobs, and what a client must know to reach it. */
export class AgentJobsStack extends Stack {
  readonly jobs: AgentJobs

  constructor(scope: Construct, id: string, props: StackProps & AgentJobsProps) {
    super(scope, id, props)
    this.jobs = new AgentJobs(this, 'Jobs', props)
    const { api, results, tables } = this.jobs
    this.output('GraphQLUrl', api.graphqlUrl)
    this.output('RealtimeUrl', api.realtimeUrl)
    this.output('UserPoolId', api.users.pool.userPoolId)
    this.output('UserPoolClientId', api.users.client.userPoolClientId)
    this.output('Region', this.region)
    this.output('AgentJobTableName', tables.jobs.tableName)
    this.output('AgentJobEventTableName', tables.events.tableName)
    this.output('ResultBucketName', results.bucket.bucketName)
    this.output('ModelId', this.jobs.modelId)
  }

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value })
  }
}
