import type { Policy, Rule, Trigger } from '../../catalog/catalog.ts';

const ENABLED = { O: 'ENABLE', D: 'DISABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' } as const;

export function createTrigger(trigger: Trigger, table: string, only: boolean): string[] {
  const alter = `ALTER TABLE ${only ? 'ONLY ' : ''}${table} ${ENABLED[trigger.enabled]} TRIGGER ${trigger.name}`;
  // The trigger of a partition is created with its parent's; only its state can differ.
  if (trigger.parent !== null) return trigger.enabled === trigger.parentEnabled ? [] : [alter];
  return trigger.enabled === 'O' ? [trigger.definition] : [trigger.definition, alter];
}

export function createRule(rule: Rule, table: string): string[] {
  const definition = rule.definition.replace(/;\s*$/, '');
  return rule.enabled === 'O'
    ? [definition]
    : [definition, `ALTER TABLE ${table} ${ENABLED[rule.enabled]} RULE ${rule.name}`];
}

export function createPolicy(policy: Policy, table: string): string {
  return [
    `CREATE POLICY ${policy.name} ON ${table}`,
    policy.permissive ? '' : ' AS RESTRICTIVE',
    policy.command === 'ALL' ? '' : ` FOR ${policy.command}`,
    policy.roles.length === 1 && policy.roles[0] === 'PUBLIC' ? '' : ` TO ${policy.roles.join(', ')}`,
    policy.using === null ? '' : ` USING (${policy.using})`,
    policy.check === null ? '' : ` WITH CHECK (${policy.check})`,
  ].join('');
}
