import sys

total = 0
for word in sys.argv[1:]:
    total += int(word)
print("total", total)
sys.exit(total)
