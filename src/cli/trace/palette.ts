/** The page's colours by day (web/styles/tokens.css), for what is drawn outside of it. */
export const palette = {
  paper: '#ffffff',
  ink: '#211e1a',
  inkSoft: '#665e54',
  line: '#e2dcd2',
  sunken: '#f1eee8',
  mark: '#f2a33a',
  badSoft: '#fae7e5',
  largeModel: '#7f93b5',
  smallModel: '#3f8f80',
} as const
