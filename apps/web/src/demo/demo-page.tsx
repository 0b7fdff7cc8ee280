export function DemoPage() { return <p>demo</p> }
