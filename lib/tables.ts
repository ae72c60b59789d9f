import type { RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'

/** The table that is the truth about every job, that of what happened while each ran, and that of the order of turns. */
export class JobTables extends Construct {
  readonly jobs: Table
  readonly events: Table
  /** The turns of each session that are not over, in the order in which they run. */
  readonly sessions: Table

  constructor(scope: Construct, id: string, props: { removalPolicy: RemovalPolicy }) {
    super(scope, id)
    const all: Partial<TableProps> = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: props.removalPolicy,
    }
    this.jobs = new Table(this, 'AgentJob', {
      ...all,
      partitionKey: { name: 'id', type: AttributeType.STRING },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    })
    this.index('byOwner', ['owner', AttributeType.STRING], ['createdAt', AttributeType.STRING])
    // Those that wait or run, sparse: the API counts what an owner has open.
    this.index('byOpenOwner', ['openOwner', AttributeType.STRING], ['createdAt', AttributeType.STRING])
    this.index('byDue', ['dueShard', AttributeType.NUMBER], ['dueAt', AttributeType.NUMBER])
    this.events = new Table(this, 'AgentJobEvent', {
      ...all,
      partitionKey: { name: 'jobKey', type: AttributeType.STRING },
      sortKey: { name: 'seq', type: AttributeType.NUMBER },
    })
    this.sessions = new Table(this, 'AgentJobSession', {
      ...all,
      partitionKey: { name: 'sessionKey', type: AttributeType.STRING },
    })
  }

  /** The ARN of one index. `table.grant` would give every index of the table. */
  indexArn(indexName: 'byOwner' | 'byOpenOwner' | 'byDue'): string {
    return `${this.jobs.tableArn}/index/${indexName}`
  }

  // Keys only: with more, each change of a status would be paid for once more per index.
  private index(indexName: string, partition: [string, AttributeType], sort: [string, AttributeType]): void {
    this.jobs.addGlobalSecondaryIndex({
      indexName,
      partitionKey: { name: partition[0], type: partition[1] },
      sortKey: { name: sort[0], type: sort[1] },
      projectionType: ProjectionType.KEYS_ONLY,
    })
  }
}
