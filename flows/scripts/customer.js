// Whoever packs this order shall see at once that nobody waits for it.
output.customer = {
  name: 'Test Customer',
  address: '1 Example Street',
};
