output "stack" {
  description = "The stack's id."
  value       = aws_cloudformation_stack.switchback.id
}

output "outputs" {
  description = "The stack's outputs: the state machine, the tables, the policies for people."
  value       = aws_cloudformation_stack.switchback.outputs
}
