"""What a training learns from: batches, random changes, a teacher's opinion."""
