import type { Config } from '../../config/schema.ts'
import { NO_PROFILE } from '../../profiles/profile.ts'
import { formatProblem } from '../../profiles/profile-problem.ts'
import { ProfileStore } from '../../profiles/profile-store.ts'
import { saysNothing } from '../../profiles/profile-summary.ts'
import { shellWord } from '../terminal/shell-word.ts'
import type { Finding } from './finding.ts'

/**
 * Whether every profile file can be used, and every profile that the configuration gives to a caller is
 * there.
 */
export async function profileChecks(config: Config, folder: string): Promise<Finding[]> {
  const check = 'profiles'
  const store = await ProfileStore.open(folder, { watch: false })
  const count = store.list().length
  const problems = store.problems().map(formatProblem)
  const missing = mappedProfiles(config).filter(({ id }) => id !== NO_PROFILE && !store.has(id))
  const findings: Finding[] = []
  if (problems.length > 0) {
    const fix = 'Correct these files and run "costeer profiles check".'
    findings.push({ check, status: 'warn', message: `${folder} has problems:\n${problems.join('\n')}`, fix })
  }
  for (const { where, id } of missing) {
    const message = `${where} gives callers the profile "${id}", which is not in ${folder}: their requests fail.`
    findings.push({
      check,
      status: 'fail',
      message,
      fix: `Correct ${where}, or run "costeer profiles new ${shellWord(id)}".`,
    })
  }
  const empty = store.list().filter(saysNothing)
  if (empty.length > 0) {
    const message = `Nothing but a name stands in ${empty.map(({ id }) => id).join(', ')}: answers stay as they are.`
    const fix = 'Give them facts and texts: "costeer profiles import" takes mail, chats and documents.'
    findings.push({ check, status: 'warn', message, fix })
  }
  if (findings.length > 0) return findings
  if (count > 0) return [{ check, status: 'ok', message: `${count} in ${folder}.` }]
  const message = `${folder} holds none, so that nothing is steered.`
  return [{ check, status: 'warn', message, fix: 'Run "costeer profiles new ID".' }]
}

function mappedProfiles({ profiles, server }: Config): { readonly where: string; readonly id: string }[] {
  return [
    { where: 'profiles.default', id: profiles.default },
    ...Object.values(profiles.users).map((id) => ({ where: 'profiles.users', id })),
    ...server.keys.flatMap(({ profile }, i) =>
      profile === undefined ? [] : [{ where: `server.keys.${i}.profile`, id: profile }],
    ),
  ]
}
