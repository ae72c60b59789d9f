import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'

/** How many requests AWS WAF lets through in five minutes; it tells what it counts in the metrics of its rules. */
export interface WebAclLimits {
  /**
   * Of one token, which is a user for an hour: queries, mutations and plain reads, not what a subscription pushes.
   * @default 1000
   */
  readonly perToken?: number
  /**
   * Of one address: all of its users together, those who are not signed in, and sockets that are opened.
   * @default 5000
   */
  readonly perAddress?: number
}

const SECONDS = 300
/** What WAF takes as the limit of a rate. */
const LEAST = 10
const MOST = 2_000_000_000

/** A web ACL before the API, with a rate for each token and each address. It costs some $7 a month, and $0.60 a million requests. */
export class JobWebAcl extends Construct {
  constructor(scope: Construct, id: string, props: { apiArn: string; limits: WebAclLimits }) {
    super(scope, id)
    const { perToken = 1000, perAddress = 5000 } = props.limits
    for (const [name, limit] of Object.entries({ perToken, perAddress })) {
      if (Number.isInteger(limit) && limit >= LEAST && limit <= MOST) continue
      throw new Error(
        `webAcl.${name} must be a whole number of requests in 5 minutes from ${LEAST} to ${MOST}, got ${limit}`,
      )
    }
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('AgentJobs'),
      rules: [
        rule('PerToken', 0, {
          limit: perToken,
          evaluationWindowSec: SECONDS,
          aggregateKeyType: 'CUSTOM_KEYS',
          customKeys: [{ header: AUTHORIZATION }],
        }),
        // A request without the header is not in the rule above, and a socket brings its token in the URL.
        rule('PerAddress', 1, {
          limit: perAddress,
          evaluationWindowSec: SECONDS,
          aggregateKeyType: 'IP',
          scopeDownStatement: { notStatement: { statement: SIGNED } },
        }),
      ],
    })
    new CfnWebACLAssociation(this, 'Association', { resourceArn: props.apiArn, webAclArn: acl.attrArn })
  }
}

const UNCHANGED = [{ priority: 0, type: 'NONE' }]
const AUTHORIZATION = { name: 'authorization', textTransformations: UNCHANGED }

// The backend's own requests: from few addresses of Lambda, several a second for each job that writes text. AppSync itself
// refuses those that are signed wrongly, before any resolver.
const SIGNED: CfnWebACL.StatementProperty = {
  byteMatchStatement: {
    fieldToMatch: { singleHeader: { Name: 'authorization' } },
    positionalConstraint: 'STARTS_WITH',
    searchString: 'AWS4-HMAC-SHA256 ',
    textTransformations: UNCHANGED,
  },
}

function rule(name: string, priority: number, rateBasedStatement: CfnWebACL.RateBasedStatementProperty) {
  return {
    name,
    priority,
    action: { block: {} },
    statement: { rateBasedStatement },
    visibilityConfig: visibility(name),
  }
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  // Sampled requests show headers, and with them tokens.
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false, metricName }
}
