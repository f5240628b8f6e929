const two = (value: number): string => String(value).padStart(2, '0')
const named = (date: Date, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-US', options).format(date)

/** Python's `strftime` in the C locale and local time, for the directives that chat templates use; others stay as written. */
export const strftime = (date: Date, format: string): string =>
  format.replace(/%(-?[A-Za-z%])/g, (directive, letter: string) => {
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
