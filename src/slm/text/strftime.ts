function two(value: number): string {
  return String(value).padStart(2, '0')
}
function named(date: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', options).format(date)
}

/**
 * Python's `strftime` in the C locale and local time, for the directives that chat
 * templates use; others stay as written.
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?[A-Za-z%])/g, (directive, letter: string) => {
    switch (letter) {
      case 'Y':
        return String(date.getFullYear())
      case 'y':
        return two(date.getFullYear() % 100)
      case 'm':
        return two(date.getMonth() + 1)
      case 'd':
        return two(date.getDate())
      case '-d':
        return String(date.getDate())
      case 'H':
        return two(date.getHours())
      case 'M':
        return two(date.getMinutes())
      case 'S':
        return two(date.getSeconds())
      case 'B':
        return named(date, { month: 'long' })
      case 'b':
        return named(date, { month: 'short' })
      case 'A':
        return named(date, { weekday: 'long' })
      case 'a':
        return named(date, { weekday: 'short' })
      case '%':
        return '%'
      default:
        return directive
    }
  })
}
