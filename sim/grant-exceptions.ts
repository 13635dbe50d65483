/**
 * The grants that break our two rules (no changing action on `*`, no changing grant that nothing uses), each with the
 * reason why it stays. Tests hold the synthesized policies to these lists, and the lists to the policies.
 */

/** Reason -> actions on which AWS allows no resource but `*`. */
export const imposedByAws: Readonly<Record<string, readonly string[]>> = {
  'Lambda places a function in a VPC with the role of the function (our code is denied it)': [
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  'Step Functions delivers logs': [
    'logs:CreateLogDelivery',
    'logs:UpdateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:PutResourcePolicy',
  ],
  'X-Ray has no resources': ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
};

/** Reason -> changing grants (`role: action on resource`) that no scenario can use. */
export const keptUnused: Readonly<Record<string, readonly string[]>> = {
  'AWS authorizes the document, and asked for the definition before: both are our own documents': [
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-attract:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-clear-source-dest-check:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-drain:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-reboot:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-replace:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-replace-tunnel:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-restart-tunnel:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-stop-start:*',
    'SwitchbackFailoverRole: ssm:StartAutomationExecution on ssm:automation-definition/switchback-undrain:*',
  ],
};
