// Something that the shop will never sell.
output.nonsense = 'moon dust';
