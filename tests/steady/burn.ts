// Keeps one core busy for as long as its parent lives.
process.on('disconnect', () => process.exit());

function turn(): void {
  const end = Date.now() + 50;
  while (Date.now() < end);
  setImmediate(turn);
}
turn();
