/** A set with a member put in or taken out. */
export function toggled<Member>(
  set: ReadonlySet<Member>,
  member: Member,
  isIn: boolean,
): ReadonlySet<Member> {
  const next = new Set(set)
  if (isIn) next.add(member)
  else next.delete(member)
  return next
}
