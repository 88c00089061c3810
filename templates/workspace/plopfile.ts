// npx plop <kind> [tool] [name] adds a part to a tool.
export { default } from 'generator-platform/plop';
