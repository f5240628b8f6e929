/** The text of a new profile file, with a comment at each key. It is a valid profile as it stands. */
export function profileTemplate(id: string, name: string): string {
  return `# A private profile. It is used on this machine only. The id must equal the file's name.
id: ${id}
name: ${JSON.stringify(name)}

# Values that must not leave this machine: the large model reads another of the same kind in their place.
# Kinds: person, place, address, phone, email, url, organisation, date, number, health, other.
private: []
#  - kind: person
#    value: Ana Sousa
#    forms: [Ana, Sousa]

# Short sentences about you, most important first. They are the last to be left out of a full window.
# Put quotes around a line that holds ": " or begins with a sign such as * ! @ or a quote.
facts: []
#  - She lives in Lisbon with two cats.

# What you like, dislike and always want.
preferences: []
#  - Prefers metric units.

# How you write, in words: length of sentences, tone, favourite expressions, how you sign.
writing_style: []
#  - Short sentences, no exclamation marks.

# Anything else, in free text. Blank lines separate paragraphs.
about: ""

# Texts that you wrote, best 80 to 200 words each: nothing shows a voice better. The ones that suit a request are used.
history: []
#  - title: Letter to my landlord
#    date: 2025-03-31
#    text: |
#      Dear Mr Sousa,
#      ...
`
}
